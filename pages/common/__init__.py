"""What several pages share: the frame, the session, proofs."""
