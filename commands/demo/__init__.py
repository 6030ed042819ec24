"""The demonstration and the synthetic registries: data of ours, told by the same verbs that people use."""
