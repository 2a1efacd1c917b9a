package dev.kausal.dsl.declare

import dev.kausal.dsl.Inputs
import dev.kausal.dsl.Model
import dev.kausal.dsl.ResultHandle
import dev.kausal.dsl.Token
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.InferenceSpec
import java.util.IdentityHashMap

/** What a script has declared so far. */
internal class Recorder(
    val context: ScriptContext,
) {
    val models = mutableListOf<Model<*>>()
    val inputs = mutableListOf<Inputs<*>>()
    val tokens = mutableListOf<Token>()
    val analyses = mutableListOf<DeclaredAnalysis>()
    val figures = mutableListOf<FigureSpec>()
    val findings = mutableListOf<ResultHandle>()
    val parameters = mutableListOf<DeclaredParameter>()
    val mistakes = mutableListOf<Mistake>()
    var seed = 0L
    var inference: InferenceSpec? = InferenceSpec()

    /** The kind of model that current declarations apply to; null for any. */
    var only: Class<*>? = null
    private val kinds = IdentityHashMap<Any, Class<*>>()

    /** Records the kind of model that [declared] applies to. */
    fun <T : Any> noted(declared: T): T = declared.also { only?.let { kind -> kinds[declared] = kind } }

    /** Returns the kind of model that [declared] applies to; null for any. */
    fun kindOf(declared: Any): Class<*>? = kinds[declared]
}
