"""The assurance activity: one act of finding out, with its subjects and its derived depth."""
