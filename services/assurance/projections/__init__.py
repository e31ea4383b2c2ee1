"""What people read of assurance: tables of codes and dates, projected from its log."""
