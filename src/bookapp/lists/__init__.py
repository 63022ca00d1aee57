"""The reading to-do list: tasks with due dates, filters and a calendar feed."""
