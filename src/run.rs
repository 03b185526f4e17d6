//! Ties the command line to the engine, the reports and the screen.
