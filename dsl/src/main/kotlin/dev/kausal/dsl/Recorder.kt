package dev.kausal.dsl

import dev.kausal.spec.FigureSpec

/** What a script has declared so far. */
internal class Recorder(
    val context: ScriptContext,
) {
    val models = mutableListOf<Model<*>>()
    val contrasts = mutableListOf<Contrasts<*>>()
    val analyses = mutableListOf<DeclaredAnalysis>()
    val figures = mutableListOf<FigureSpec>()
    val parameters = LinkedHashMap<String, String>()
    val mistakes = mutableListOf<Mistake>()
    var seed = 0L
}

/** An analysis as recorded. */
internal sealed interface DeclaredAnalysis {
    val name: String
    val contrasts: Contrasts<*>
    val line: Int?

    class Sweep(
        override val name: String,
        override val contrasts: Contrasts<*>,
        override val line: Int?,
        val metric: Metric,
        val grids: List<Grid>,
    ) : DeclaredAnalysis

    class Attribution(
        override val name: String,
        override val contrasts: Contrasts<*>,
        override val line: Int?,
        val run: Run,
    ) : DeclaredAnalysis

    class Attention(
        override val name: String,
        override val contrasts: Contrasts<*>,
        override val line: Int?,
        val layers: IntRange?,
        val run: Run,
    ) : DeclaredAnalysis

    class Lens(
        override val name: String,
        override val contrasts: Contrasts<*>,
        override val line: Int?,
        val top: Int,
        val run: Run,
    ) : DeclaredAnalysis

    class Capture(
        override val name: String,
        override val contrasts: Contrasts<*>,
        override val line: Int?,
        val site: Address,
        val run: Run,
    ) : DeclaredAnalysis
}
