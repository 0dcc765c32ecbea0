"""rushlight: the course's command line. It holds no course facts: those live in modules/*/module.json."""
