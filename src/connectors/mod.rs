//! Target systems behind `ports::connector`.
