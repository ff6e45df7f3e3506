"""From whatever a clinic exports to residents in our units, with every fault beside its row."""
