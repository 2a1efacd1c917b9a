package dev.kausal.experiments.shards

import dev.kausal.experiments.Said
import dev.kausal.experiments.TypedCommands
import dev.kausal.run.context.Assignment.ShardOf
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.walk
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random

/** `run --shard I/N` and `merge`, as typed. */
class ShardsTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun kausal(vararg words: String): Said = TypedCommands(folder.resolve("cache")).run(words.toList())

        fun script(name: String, answer: String = " Paris"): Path {
            val file = folder.resolve(name).createDirectories().resolve("probe.kausal.kts")
            file.writeText(
                """
                experiment("probe") {
                    val lm = model<CausalLm>("embedded:facts")
                    val facts = contrasts {
                        contrast(
                            clean = "The [Eiffel Tower] is located in the city of", answer = "$answer",
                            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
                        )
                        contrast(
                            clean = "The [Colosseum] is located in the city of", answer = " Rome",
                            corrupted = "The [Eiffel Tower] is located in the city of", foil = "$answer",
                        )
                    }
                    val needed by sweep(facts, logitDifference) { each(heads) { ablate(it) } }
                    val attribution by directLogitAttribution(facts)
                    val looks by attention(facts, layers = 0..1)
                    val joint by jointAblation(facts, logitDifference, needed, sizes = 1..2, draws = 19)
                    report { heatmap(needed) }
                }
                """.trimIndent(),
            )
            return file
        }

        val file = script("first")
        val whole = folder.resolve("whole")

        // The last digits depend on threads and memory, which other tests and programs would change.
        val setting = arrayOf("--threads", "1", "--memory", "2g")
        kausal("run", "$file", "--out", "$whole", *setting).code shouldBe 0

        fun shard(number: Int, count: Int, out: Path, of: Path = file): Said =
            kausal("run", "$of", "--shard", "$number/$count", "--out", "$out", *setting)

        fun same(bundle: Path) {
            listOf("spec.json", "results.json", "probe.kausal.kts").forEach {
                bundle.resolve(it).readText() shouldBe whole.resolve(it).readText()
            }
            bundle.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
                whole.listDirectoryEntries().map { it.name }
        }

        fun parts(out: Path): List<Path> = out.resolve("shards/parts").listDirectoryEntries("*.part").sorted()

        test("shards in any order are merged into the bundle of one process, which verifies") {
            val out = folder.resolve("merged")
            for (number in listOf(3, 1, 2)) shard(number, 3, out).code shouldBe 0
            val merged = kausal("merge", "$out")
            merged.all shouldContain "bundle  $out"
            merged.err shouldContain "merge runs $file, the script of these shards, with all of your rights"
            merged.code shouldBe 0
            same(out)
            out.resolve("environment.json").readText() shouldContain "\"shard 2/3\""
            kausal("verify", "$out").code shouldBe 0
        }

        for (study in listOf(
            listOf("fact-recall", "--set", "examples=6"),
            listOf("sycophancy", "--set", "items=6", "--set", "edited=6", "--set", "seeds=1"),
        )) {
            test("${study.first()} in seven shards, in random order: the bundle of one process, byte for byte") {
                val plain = folder.resolve("${study.first()}-plain")
                val out = folder.resolve("${study.first()}-shards")
                kausal("run", *study.toTypedArray(), "--out", "$plain", *setting).code shouldBe 0
                for (number in (1..7).shuffled(Random(7))) {
                    kausal(
                        "run",
                        *study.toTypedArray(),
                        "--shard",
                        "$number/7",
                        "--out",
                        "$out",
                        *setting,
                    ).code shouldBe
                        0
                }
                kausal("merge", "$out").code shouldBe 0

                fun files(bundle: Path): Map<String, Path> = bundle.walk().associateBy { "${bundle.relativize(it)}" }
                val found = files(out)
                found.keys shouldBe files(plain).keys
                // They contain times.
                for ((name, file) in files(plain) - setOf("environment.json", "report.html")) {
                    withClue(name) { Files.mismatch(file, found.getValue(name)) shouldBe -1 }
                }
            }
        }

        test("three processes at once, one of them killed and repeated, give the same bundle") {
            val out = folder.resolve("at-once")
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()

            fun started(number: Int): Process =
                ProcessBuilder(
                    java,
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.kausal.experiments.MainKt",
                    "run",
                    "$file",
                    "--shard",
                    "$number/3",
                    "--out",
                    "$out",
                    *setting,
                ).redirectErrorStream(true).redirectOutput(folder.resolve("log-$number").toFile()).start()

            val running = (1..3).map(::started)
            running[1].destroyForcibly()
            running.forEach { it.waitFor(5, TimeUnit.MINUTES) shouldBe true }
            listOf(0, 2).forEach { running[it].exitValue() shouldBe 0 }
            kausal("merge", "$out").run {
                code shouldBe 2
                err shouldContain "A shard has not ended: 2/3"
            }
            started(2).waitFor() shouldBe 0
            kausal("merge", "$out").code shouldBe 0
            same(out)
        }

        test("shards that are run again divide the later analyses, of which the merge then computes none") {
            val out = folder.resolve("twice")
            shard(1, 2, out).out shouldContain "not ended yet"
            shard(2, 2, out)
            repeat(2) { shard(1, 2, out).also { shard(2, 2, out) } }
            shard(1, 2, out).out shouldContain "All parts are there"
            val before = parts(out).size
            kausal("merge", "$out", "--help").code shouldBe 0
            parts(out).size shouldBe before
            kausal("merge", "$out").code shouldBe 0
            same(out)
        }

        test("folders of machines that share no disk are merged into the first") {
            val outs = (1..2).map { folder.resolve("apart-$it") }
            outs.forEachIndexed { index, out -> shard(index + 1, 2, out).code shouldBe 0 }
            kausal("merge", "${outs[0]}").err shouldContain "A shard has not ended: 2/2"
            kausal("merge", "${outs[0]}", "${outs[1]}").code shouldBe 0
            same(outs[0])
            outs[1].resolve("shards").exists() shouldBe true
        }

        test("a damaged part is named with its shard, computed again, and nothing else is") {
            val out = folder.resolve("damaged")
            (1..2).forEach { shard(it, 2, out) }
            val part = parts(out).first()
            part.writeBytes(part.readBytes().also { it[it.size - 1] = (it.last() + 1).toByte() })
            val refused = kausal("merge", "$out")
            refused.code shouldBe 2
            refused.err shouldContain Regex("shard [12]/2 had computed are missing from .*, or damaged. Run it again")
            (1..2).forEach { shard(it, 2, out).code shouldBe 0 }
            parts(out).first().deleteExisting()
            kausal("merge", "$out").code shouldBe 2
            (1..2).forEach { shard(it, 2, out).code shouldBe 0 }
            kausal("merge", "$out").code shouldBe 0
            same(out)
        }

        test("a shard of another experiment is refused with what differs; so is a merge after the script changed") {
            val changing = script("changing")
            val out = folder.resolve("other")
            shard(1, 1, out, changing).code shouldBe 0
            val other = shard(1, 1, out, script("other", " London"))
            other.code shouldBe 2
            other.err shouldContain "shards of another run"
            other.err shouldContain "the script's text"
            shard(1, 2, out, changing).err shouldContain "the number of shards: 1 there, 2 here"
            script("changing", " London")
            kausal("merge", "$out").run {
                code shouldBe 2
                err shouldContain "another experiment than the script declares now"
            }
            out.resolve("spec.json").exists() shouldBe false
            script("changing")
            kausal("merge", "$out").code shouldBe 0
        }

        test("folders that hold something else, and a merge of nothing, are refused before anything is computed") {
            val full = folder.resolve("full").createDirectories()
            full.resolve("notes.txt").writeText("mine")
            shard(1, 2, full).err shouldContain "neither empty nor a folder of shards"
            shard(1, 2, whole).err shouldContain "is a finished bundle"
            kausal("merge", "$full").err shouldContain "has no shards of a run"
            kausal("run", "$file", "--shard", "1/2").run {
                code shouldBe 2
                err shouldContain "--shard needs --out DIR"
            }
            for (wrong in listOf("0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3")) {
                kausal("run", "$file", "--shard=$wrong", "--out", "$full").run {
                    code shouldBe 2
                    err shouldContain "is not a shard such as 3/16"
                }
            }
        }

        test("names of shards") {
            ShardName.parse("3/16") shouldBe ShardOf(3, 16)
            ShardName.of(ShardOf(3, 16)) shouldBe "3/16"
            ShardName.withoutShard(listOf("run", "x", "--shard", "1/2", "--out", "d")) shouldBe
                listOf("run", "x", "--out", "d")
            ShardName.withoutShard(listOf("run", "x", "--shard=1/2")) shouldBe listOf("run", "x")
        }
    })
