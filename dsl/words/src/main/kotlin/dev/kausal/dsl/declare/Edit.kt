package dev.kausal.dsl.declare

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.Address
import dev.kausal.dsl.Place
import dev.kausal.dsl.Run
import dev.kausal.dsl.host.ScriptPlace

internal sealed interface Value {
    data object Zero : Value

    data object Mean : Value

    data object PositionMean : Value

    data class Resample(
        val seed: Long?,
    ) : Value

    data class From(
        val run: Run,
    ) : Value

    /** What the run that is edited has there before any edit. */
    data object Own : Value

    class Function(
        val function: (NDArray) -> NDArray,
    ) : Value
}

/** One change to one hook point, as the script wrote it. [run] is the run it must be made to, if it names one. */
internal data class Edit(
    val site: Address,
    val value: Value,
    val script: ScriptPlace?,
    val run: Run? = null,
    val place: Place? = null,
)
