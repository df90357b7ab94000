//! SQLite and PostgreSQL behind `ports::store`. The only place that knows SQL.
