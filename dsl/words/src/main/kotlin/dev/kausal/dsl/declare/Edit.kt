package dev.kausal.dsl.declare

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.Address
import dev.kausal.dsl.Features
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.Path
import dev.kausal.dsl.Place
import dev.kausal.dsl.Run
import dev.kausal.dsl.Top
import dev.kausal.dsl.Vector
import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.spec.HookCall

internal sealed interface Value {
    /** The set that a mean is taken over in place of the edited one. */
    val reference: Inputs<*>? get() = null

    data object Zero : Value

    /** Over the set itself, or over [of]. */
    data class Mean(
        val of: Inputs<*>?,
    ) : Value {
        override val reference: Inputs<*>? get() = of
    }

    data class PositionMean(
        val of: Inputs<*>?,
    ) : Value {
        override val reference: Inputs<*>? get() = of
    }

    data class Resample(
        val seed: Long?,
    ) : Value

    /** Given a [writer], its output alone, as the edited reader sees it; given [along], the component in their span alone. */
    data class From(
        val run: Run,
        val writer: Address? = null,
        val along: List<Vector> = emptyList(),
    ) : Value

    /** The unedited value in the edited run. */
    data object Own : Value

    /** [source] is the declaration in the script, which identifies the function. */
    class Function(
        val source: Any,
        val function: (NDArray, HookCall) -> NDArray,
    ) : Value

    /** Activations of features, which become [amount], or if [added], change by it. */
    data class Feature(
        val features: Features,
        val amount: Double,
        val added: Boolean,
    ) : Value

    /** A vector to add or write, times [scale]. */
    data class Given(
        val vector: Vector,
        val added: Boolean,
        val scale: Double = 1.0,
    ) : Value

    /** The activation without its component in the span of [along]. */
    data class ProjectedOut(
        val along: List<Vector>,
    ) : Value
}

/**
 * One change at one hook point, as written in the script. [run] is the run that it must be made in, if it names one;
 * with [top], it is made in each of the heads or layers that will be chosen; with [paths], it stands for the edits at the
 * ends of these; if it is made [everywhere], for edits of the stream before each layer and of all outputs of attention and MLPs.
 */
internal data class Edit(
    val site: Address,
    val value: Value,
    val script: ScriptPlace?,
    val run: Run? = null,
    val place: Place? = null,
    val top: Top? = null,
    val paths: List<Path> = emptyList(),
    val everywhere: Boolean = false,
)
