//! The API over real HTTP on both databases, with the clock in the test's hand.
