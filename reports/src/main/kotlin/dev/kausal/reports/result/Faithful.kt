package dev.kausal.reports.result

/** Faithfulness from which a circuit accounts for most of the difference between the clean and the corrupted runs. */
internal const val FAITHFUL: Double = 0.8
