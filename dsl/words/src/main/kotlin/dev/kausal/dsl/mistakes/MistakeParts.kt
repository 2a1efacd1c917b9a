package dev.kausal.dsl.mistakes

/** Faults of a field of a contrast file. */
public enum class FieldFault { Unknown, Missing, NotText, NotTexts }

/** Type of a parameter. */
public enum class ParameterType { Int, Double, Text, Boolean }

/** A part of a contrast that an analysis may need. */
public enum class ContrastPart { Answer, Corrupted, Foil, Subject }

/** Faults of a prompt's brackets. */
public enum class BracketFault { Unbalanced, Several, Empty }

/** The length of one prompt. */
public data class PromptLength(
    val contrast: String,
    val run: String,
    val tokens: Int,
)
