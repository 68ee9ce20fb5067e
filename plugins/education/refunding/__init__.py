"""What a school gives back when a child leaves: the rules of the domain book §3.6, reckoned on the school's own terms."""
