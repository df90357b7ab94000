//! Journeys before a Discord that nobody here wrote.
