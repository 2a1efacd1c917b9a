import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ablate
import dev.kausal.dsl.experiment
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.sweep
import dev.kausal.experiments.session.ExperimentSession
import java.nio.file.Path
import kotlin.io.path.exists

/** Which head does the answer need? An experiment with a bundle and a report, from plain Kotlin. */
fun main(arguments: Array<String>) {
    val heads =
        experiment("heads") {
            model<CausalLm>("embedded:facts")
            val facts =
                contrasts {
                    contrast(
                        clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
                        corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
                    )
                }
            val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
            report { heatmap(needed) }
        }
    ExperimentSession().use { session ->
        val run = session.run(heads, Path.of(arguments[0]))
        val table = run.cells("needed").columns
        println("unedited %.3f".format(run["needed"].baseline.getValue("clean").single()))
        table.getValue("mean").forEachIndexed { i, value -> println("head %d %.3f".format(i, value)) }
        check(run.folder.resolve("report.html").exists())
    }
}
