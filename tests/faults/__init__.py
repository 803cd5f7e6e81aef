"""What is killed when: nothing is lost and nothing is done twice."""
