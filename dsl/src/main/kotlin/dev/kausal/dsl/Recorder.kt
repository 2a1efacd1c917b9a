package dev.kausal.dsl

import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.Among
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Order
import java.util.IdentityHashMap

/** What a script has declared so far. */
internal class Recorder(
    val context: ScriptContext,
) {
    val models = mutableListOf<Model<*>>()
    val inputs = mutableListOf<Inputs<*>>()
    val analyses = mutableListOf<DeclaredAnalysis>()
    val figures = mutableListOf<FigureSpec>()
    val parameters = mutableListOf<DeclaredParameter>()
    val mistakes = mutableListOf<Mistake>()
    var seed = 0L
    var inference: InferenceSpec? = InferenceSpec()

    /** The kind of model that what is declared now is for; null for any. */
    var only: Class<*>? = null
    private val kinds = IdentityHashMap<Any, Class<*>>()

    /** Remembers what kind of model [declared] is for. */
    fun <T : Any> noted(declared: T): T = declared.also { only?.let { kind -> kinds[declared] = kind } }

    /** The kind of model that [declared] is for; null for any. */
    fun kindOf(declared: Any): Class<*>? = kinds[declared]
}

/** An analysis as recorded. */
internal sealed interface DeclaredAnalysis {
    val name: String
    val inputs: Inputs<*>
    val line: Int?

    class Sweep(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val metric: Metric,
        val grids: List<Grid>,
    ) : DeclaredAnalysis

    class Attribution(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val run: Run,
    ) : DeclaredAnalysis

    class Attention(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val run: Run,
        val asked: Asked,
    ) : DeclaredAnalysis {
        /** Layers and heads as the script names them, and what of them. */
        class Asked(
            val layers: List<Int>?,
            val heads: List<Int>?,
            val part: AttentionPart,
            val meanOverHeads: Boolean,
            val meanOverLayers: Boolean,
        )
    }

    class Lens(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val top: Int,
        val run: Run,
    ) : DeclaredAnalysis

    /** What builds on other analyses, or on unedited runs. */
    sealed interface Study : DeclaredAnalysis

    class Joint(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val metric: PlainMetric,
        val ranking: String,
        val order: Order,
        val sizes: List<Int>,
        val draws: Int,
        val value: Value,
        val run: Run,
        val splits: Int,
        val among: Among,
    ) : Study

    class Interaction(
        override val name: String,
        override val inputs: Contrasts<*>,
        override val line: Int?,
        val metric: PlainMetric,
        val heads: HeadChoice,
        val value: Value,
        val run: Run,
    ) : Study

    class Behaviour(
        override val name: String,
        override val inputs: Contrasts<*>,
        override val line: Int?,
        val by: Grouping,
        val against: List<String>,
    ) : Study

    class Difference(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val of: String,
        val minus: String,
    ) : Study

    class HeadDifference(
        override val name: String,
        override val inputs: Contrasts<*>,
        override val line: Int?,
        val place: Place,
    ) : Study

    class Ranks(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val of: List<String>,
    ) : Study

    class Capture(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val site: Address,
        val run: Run,
    ) : DeclaredAnalysis

    class Watch(
        override val name: String,
        override val inputs: Inputs<*>,
        val script: ScriptPlace?,
        val run: Run,
        val which: Which,
        val watcher: Watcher,
    ) : DeclaredAnalysis {
        override val line: Int? get() = script?.line

        /** Which hook points: those that all of these accept. */
        class Which(
            val layers: List<Int>?,
            val kinds: Set<HookKind>?,
            val named: ((String) -> Boolean)?,
        )
    }

    class ActivationMaps(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val layers: List<Int>?,
        val of: ActivationNumber,
    ) : DeclaredAnalysis

    class Agreement(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val of: List<String>,
    ) : DeclaredAnalysis

    /** What is made of attention patterns. */
    class OfAttention(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val layers: List<Int>?,
        val what: Looks,
    ) : DeclaredAnalysis

    class Debug(
        override val name: String,
        override val inputs: Inputs<*>,
        override val line: Int?,
        val patches: Int,
        val heads: Int,
    ) : DeclaredAnalysis
}
