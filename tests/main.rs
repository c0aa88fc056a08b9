//! Behaviour of flowkit, through its public doors.
