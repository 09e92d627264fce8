"""Everything done about one order: plan, effects, the durable workflow, reconcile."""
