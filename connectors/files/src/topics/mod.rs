//! stub
pub struct FilesTopics;
