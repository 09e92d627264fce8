"""What whoever runs the desk does on its host: the record's export, copies, connections."""
