package dev.kausal.experiments

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Model
import dev.kausal.dsl.experiment
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.readText

/** Runs an experiment on a causal model as `kausal run` does, bundle and all; its results by name. */
internal fun runExperiment(
    ref: String,
    out: Path,
    declare: ExperimentScope.(Model<CausalLm>) -> Unit,
): Map<String, Result> {
    val declaration = experiment("test") { declare(model<CausalLm>(ref)) }
    val source = ScriptSource("test${ScriptSource.SUFFIX}", out.parent, "")
    EngineWorkbench().run(EvaluatedScript(source, declaration), RunOptions(out = out), Silence)
    return Json.decodeFromString<Results>(out.resolve("results.json").readText()).results.associateBy { it.name }
}

/** The means as rows of the first axis; not a number where none was computed. */
internal val Result.rows: List<List<Double>> get() = mean.map { it ?: Double.NaN }.chunked(mean.size / shape.first())

/** Says nothing. */
internal object Silence : RunProgress {
    override fun note(line: String): Unit = Unit

    override fun begin(stage: String, total: Long?, unit: String): Unit = Unit

    override fun advance(count: Long): Unit = Unit

    override fun end(note: String): Unit = Unit
}
