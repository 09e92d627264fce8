"""Tables, migrations and connections: the only room that knows the database's dialect."""
