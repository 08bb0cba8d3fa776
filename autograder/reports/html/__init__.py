"""Pages in HTML: feedback for students, the class report for instructors."""
