//! Surfaces: how a card is drawn and how words and clicks come in. None imports another.
