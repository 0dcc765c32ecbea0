"""Programs on several processes: how they are started, and a model of what their messages cost."""
