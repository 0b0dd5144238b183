"""The simulated economy, and studies on real data sets."""
