"""MyTagger: the network, its data, training, evaluation and export."""
