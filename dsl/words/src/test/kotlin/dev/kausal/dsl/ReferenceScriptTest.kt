package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptContext
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json
import java.nio.file.Files

private val tokenizer = FakeTokenizer(mapOf(" Colosseum" to listOf(" Colos", "seum")))
private val tail = listOf(" is", " located", " in", " the", " city", " of")

private fun prompt(
    text: String,
    tokens: List<String>,
    subject: PositionRange,
) = PromptSpec(text, tokens.map(tokenizer::id), tokens, subject)

private fun token(text: String) = TokenSpec(text, tokenizer.id(text))

private fun expectedContrasts(): ContrastSetSpec {
    val subject = PositionRange(1, 2)
    val tower = "The Eiffel Tower is located in the city of"
    val clean = prompt(tower, listOf("The", " Eiffel", " Tower") + tail, subject)
    val colosseum = "The Colosseum is located in the city of"
    val corrupted = prompt(colosseum, listOf("The", " Colos", "seum") + tail, subject)
    val first = ContrastSpec("Eiffel Tower", clean, token(" Paris"), corrupted, token(" Rome"))
    val groups = mapOf(Grouping.Relation to "city")
    val second = ContrastSpec("Colosseum", corrupted, token(" Rome"), clean, token(" Paris"), groups)
    return ContrastSetSpec(
        "contrasts",
        listOf(first, second),
    )
}

private fun numbers(
    name: String,
    count: Int,
) = AxisSpec(name, List(count) { "$it" })

private fun expectedTrace(): SweepSpec {
    val labels = listOf("0", "1", "2") + tail
    val cells =
        (0..3).flatMap { layer ->
            (0..8).map { position ->
                val value = ValueSpec.From(RunSpec.Clean)
                val at = PlaceSpec.Position(position)
                CellSpec(RunSpec.Corrupted, listOf(EditSpec("blocks.$layer.hook_resid_pre", PartSpec.All, at, value)))
            }
        }
    val metric = MetricSpec.Recovery(MetricSpec.LogitDifference)
    return SweepSpec(
        "trace",
        "contrasts",
        12,
        metric,
        listOf(
            numbers("layer", 4),
            AxisSpec(
                "position",
                listOf("The") + labels.drop(1),
            ),
        ),
        cells,
    )
}

private fun clean(edit: EditSpec) = CellSpec(RunSpec.Clean, listOf(edit))

private fun expectedSpec(): ExperimentSpec {
    val needed =
        (0..3).flatMap { layer ->
            (0..8).map { clean(EditSpec("blocks.$layer.attn.hook_z", PartSpec.Head(it), value = ValueSpec.Zero)) }
        }
    val half = ValueSpec.Lambda(0, "Reference.kt:17")
    val scaled = (0..3).map { clean(EditSpec("blocks.$it.mlp.hook_post", value = half)) }
    val difference = MetricSpec.LogitDifference
    return ExperimentSpec(
        name = "fact-recall",
        script = "fact-recall.kausal.kts",
        model = ModelSpec("embedded:facts", "CausalLm", "llama", smallShape),
        contrasts = listOf(expectedContrasts()),
        analyses =
            listOf(
                expectedTrace(),
                SweepSpec(
                    "needed",
                    "contrasts",
                    15,
                    difference,
                    listOf(numbers("layer", 4), numbers("head", 9)),
                    needed,
                ),
                SweepSpec("scaled", "contrasts", 16, difference, listOf(numbers("layer", 4)), scaled),
                AttributionSpec("attribution", "contrasts", 19),
                AttentionSpec("looks", "contrasts", 20, listOf(0, 1, 2, 3)),
            ),
        figures =
            listOf(
                FigureSpec(FigureKind.Heatmap, "trace"),
                FigureSpec(FigureKind.Heatmap, "needed"),
                FigureSpec(FigureKind.Bars, "attribution"),
                FigureSpec(FigureKind.Attention, "looks"),
            ),
    )
}

private const val FACTS_JSON = """[{"clean": "The [Colosseum] is located in the city of", "answer": " Rome",
  "corrupted": "The [Eiffel Tower] is located in the city of", "foil": " Paris", "relation": "city"}]"""

class ReferenceScriptTest :
    FunSpec({
        val folder = Files.createTempDirectory("kausal")
        Files.writeString(folder.resolve("facts.json"), FACTS_JSON)
        val context = ScriptContext(folder, "fact-recall.kausal.kts")
        val declared = inTestFile { ScriptContext.use(context) { evaluate("fact-recall.kausal.kts") } }
        val bound = inTestFile { declared.bind(facts(tokenizer = tokenizer)) }

        test("the declaration names its model before any is known") {
            declared.modelRef shouldBe "embedded:facts"
            declared.capability shouldBe "CausalLm"
        }

        test("it binds to the expected spec") { bound.spec shouldBe expectedSpec() }

        test("one lambda is one function") { bound.activations.size shouldBe 1 }

        test("the weights are named when they are known, and nothing else changes") {
            val run = bound.onWeights("abc")
            run.spec.model.sha256 shouldBe "abc"
            run.spec.copy(model = run.spec.model.copy(sha256 = null)) shouldBe bound.spec
            run.activations shouldBe bound.activations
        }

        test("its spec survives JSON") {
            val json = Json.encodeToString(ExperimentSpec.serializer(), bound.spec)
            Json.decodeFromString(ExperimentSpec.serializer(), json) shouldBe bound.spec
        }
    })
