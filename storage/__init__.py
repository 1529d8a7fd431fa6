"""Our records: one store on two engines, SQLite and PostgreSQL, by SQLAlchemy."""
