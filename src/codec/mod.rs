//! The factor stream and the other data files.
//!
//! The only room that uses `flate2` and `npyz`. Works on bytes, readers and writers; knows nothing of
//! paths, jobs or the window.
