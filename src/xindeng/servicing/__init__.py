"""The line after the answer: its three numbers, holds, limits and help, and the money on loans."""
