package dev.kausal.experiments.certify

import dev.kausal.experiments.Said
import dev.kausal.experiments.TypedCommands
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.math.max

/** Reads the table between the marks: name to the cells of its row. */
private fun rows(file: Path): Map<String, List<String>> =
    file
        .readLines()
        .dropWhile { it != ModelsTable.BEGIN }
        .takeWhile { it != ModelsTable.END }
        .filter { it.startsWith("| ") && "---" !in it }
        .map { line -> line.trim('|', ' ').split(" | ") }
        .associateBy { it.first() }

class CertifyTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cache = tempdir().toPath()
        val tiny = Path.of("../engine/src/test/resources/tiny")

        fun kausal(vararg words: String): Said = TypedCommands(cache).run(words.toList())

        fun reference(name: String) = "${tiny.resolve(name).resolve("dump.safetensors")}"

        test("a model that equals its reference: a table, a certificate in the cache, 0") {
            val said = kausal("certify", "${tiny.resolve("gpt2")}", "--reference", reference("gpt2"))
            said.code shouldBe 0
            said.out shouldContain "against transformers 5."
            said.out shouldContain Regex("blocks\\.\\*\\.attn\\.hook_z +4 +[0-9.e-]+ +[0-9.e-]+")
            said.out shouldContain "largest logits: the reference's in 11 of 11 rows"
            said.out.lines().filter { it.isNotEmpty() }.takeLast(2).first() shouldBe "passed"
            val stored = cache.resolve("certificates").listDirectoryEntries().single()
            val record = Json.decodeFromString(CertificateRecord.serializer(), stored.readText())
            record.passed shouldBe true
            record.reference?.versions?.keys.orEmpty() shouldContainAll listOf("torch", "transformers", "python")
            record.sites.first { it.name == "blocks.*.hook_resid_pre" }.points shouldBe 4
        }

        test("one that does not: what is off and where, the certificate all the same, 1") {
            listOf("config.json", "model.safetensors").forEach {
                tiny.resolve("gpt2").resolve(it).copyTo(folder.resolve(it))
            }
            val config = folder.resolve("config.json")
            config.writeText(
                config.readText().replace(Regex("\"layer_norm_epsilon\": [^,]*"), "\"layer_norm_epsilon\": 0.01"),
            )
            val out = folder.resolve("deep/certificate.json")
            val said = kausal("certify", "$folder", "--reference", reference("gpt2"), "--out", "$out")
            said.code shouldBe 1
            said.out shouldContain
                Regex("FAILED hook points against the reference's, relative: [0-9.e-]+ of at most 1.0e-05")
            Json.decodeFromString(CertificateRecord.serializer(), out.readText()).passed shouldBe false
            out.parent.listDirectoryEntries().size shouldBe 1
        }

        test("without a reference it says so, and checks the model against itself") {
            val said = kausal("certify", "${tiny.resolve("bert-masked")}", "--out", "${folder.resolve("self.json")}")
            said.code shouldBe 0
            said.out shouldContain "against itself alone"
            said.out shouldContain "note: no reference was given"
            said.out shouldContain "ok     change of outputs when points are patched with their own values"
        }

        test("the user's mistakes: 2, and no certificate") {
            val out = folder.resolve("none.json")
            val weights = "${tiny.resolve("gpt2/model.safetensors")}"
            kausal("certify", "${tiny.resolve("gpt2")}", "--reference", weights, "--out", "$out").code shouldBe 2
            kausal("certify", "${tiny.resolve("vit")}", "--reference", reference("gpt2"), "--out", "$out").code shouldBe
                2
            kausal("certify", "nowhere", "--out", "$out").code shouldBe 2
            out.exists() shouldBe false
            val unmarked = folder.resolve("plain.md").also { it.writeText("no marks") }
            val one = folder.resolve("one")
            tiny.resolve("vit").toFile().copyRecursively(one.resolve("vit").toFile())
            kausal("certify", "--all", "$one", "--table", "$unmarked").code shouldBe 2
            unmarked.readText() shouldBe "no marks"
        }

        test("the table of docs/models.md is what the certificates say") {
            val committed = Path.of("../docs/models.md")
            val again = folder.resolve("models.md").also { committed.copyTo(it) }
            val said = kausal("certify", "--all", "$tiny", "--table", "$again")
            said.code shouldBe 0
            val found = rows(again)
            val kept = rows(committed)
            // What is in the documentation besides are models that are not in the repository.
            kept.keys shouldContainAll found.keys
            found.keys.size shouldBe said.out.lines().count { it.startsWith("passed") } + 1
            found.minus("Model").forEach { (name, cells) ->
                cells.zip(kept.getValue(name)).forEachIndexed { column, (now, then) ->
                    val (a, b) = now.toDoubleOrNull() to then.toDoubleOrNull()
                    // Sums in another order differ by machine, not by more than this.
                    if (a == null || b == null) now shouldBe then else a shouldBeLessThan max(10 * b, 2e-6)
                    if (column > 2 && b != null) b shouldBeLessThan 5e-5
                }
            }
        }
    })
