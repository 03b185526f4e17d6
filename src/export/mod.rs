//! (module comment to be written)
