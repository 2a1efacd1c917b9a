package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.spec.OutputKind
import dev.kausal.spec.PrecisionError
import dev.kausal.spec.outputs

/** Says in which precision a run was computed, and how far it is from float32; null if all is in float32. */
internal fun precisionText(bundle: Bundle): String? =
    if (bundle.environment.dtype == "float32") screened(bundle) else lowPrecision(bundle)

private fun lowPrecision(bundle: Bundle): String {
    val head = "Computed in ${bundle.environment.dtype}: factors and results of products with weights have 8 " +
        "significant bits, where float32 has 24. Residual stream, norms, attention patterns and logits are float32."
    val error = bundle.results.bfloat16?.let { " ${compared(bundle, it)}" }.orEmpty()
    val worst = bundle.results.results
        .mapNotNull { result -> result.rounding?.float32?.let { result.name to it } }
        .maxByOrNull { it.second }
        ?.let { (name, off) -> " The metric of unedited runs is off by at most ${number(off)}, in $name." }
    return head + error + worst.orEmpty()
}

private fun compared(
    bundle: Bundle,
    error: PrecisionError,
): String {
    val outputs = if (bundle.spec.model.outputs == OutputKind.Token) "logits" else "outputs"
    return "In ${count(error.prompts, "unedited prompt")} that ${if (error.prompts == 1) "was" else "were"} computed " +
        "in float32 too, $outputs differ by at most ${number(error.difference)}; the largest is " +
        "${number(error.size, 1)} in size."
}

private fun screened(bundle: Bundle): String? {
    val screened = bundle.results.results.filter { it.bfloat16 != null }
    if (screened.isEmpty()) return null
    val cells = screened.sumOf { it.shape.fold(1) { all, size -> all * size } }
    val again = screened.sumOf { checkNotNull(it.bfloat16).cells.size }
    val most = screened.maxBy { checkNotNull(it.bfloat16).largest }
    return "Sweeps were computed in bfloat16, and $again of their ${count(
        cells,
        "cell",
    )} again in float32: the largest, and " +
        "all whose rank, sign or significance was not clear. Where both are known, mean changes differ by at most " +
        "${number(most.bfloat16?.largest)}, in ${most.name}."
}
