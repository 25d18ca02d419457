"""From targets to what is climbed: objectives built for a network, and one for each octave."""
