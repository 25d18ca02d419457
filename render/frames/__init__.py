"""What passes through a render: frames, pictures and the arithmetic on their pixels."""
