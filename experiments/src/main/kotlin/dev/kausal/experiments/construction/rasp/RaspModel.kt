package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.weights.SafetensorsWriter.Precision
import dev.kausal.experiments.construction.Circuit
import dev.kausal.experiments.construction.Construction
import dev.kausal.experiments.construction.WordTokenizer

/** `embedded:rasp-NAME`: a program, compiled into weights. */
internal class RaspModel(
    val program: Program,
) : Construction("rasp-${program.name}", "Compiled from a program: ${program.description}") {
    override val tokenizer = WordTokenizer(" ?[^ ]+")
    override val circuit: Circuit by lazy { Compiler(program).compile() }
    override val precision: Precision get() = Precision.F32
}
