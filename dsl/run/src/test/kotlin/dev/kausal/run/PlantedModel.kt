package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.direction
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.model.HookedModel
import java.nio.file.Path
import java.util.Random
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** Contrasts whose words leave room for few others in the small vocabulary. */
const val PLANTED_PAIRS = 8

fun ExperimentScope.plantedPairs(): Contrasts<CausalLm> = tinyPairs(PLANTED_PAIRS)

/** The direction that separates clean from corrupted subjects in a [planted] model. */
fun plantedDirection(): FloatArray = Random(4).let { random -> FloatArray(24) { random.nextGaussian().toFloat() } }

/** A copy of the small Llama in which the subjects of clean prompts are far along [direction], those of corrupted ones against it. */
fun planted(
    model: HookedModel,
    direction: FloatArray,
): Path {
    val spec = tinyStudy(model) { val means by direction(plantedPairs()) }.spec.contrasts.single().contrasts
    val signs = spec.flatMap { c ->
        c.clean.subjectTokens.map { it to 1f } + c.corrupted!!.subjectTokens.map { it to -1f }
    }.toMap()
    val file = tinyFolder("llama", null).resolve("model.safetensors")
    val tensors = SafetensorsInPlace(file.readBytes())
    for ((token, sign) in signs) tensors.add("model.embed_tokens.weight", token, direction, 4 * sign)
    return file.parent.also { file.writeBytes(tensors.bytes.array()) }
}
