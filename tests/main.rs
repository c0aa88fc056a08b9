//! Behaviour of flowkit, through its public doors.

mod tidy;
