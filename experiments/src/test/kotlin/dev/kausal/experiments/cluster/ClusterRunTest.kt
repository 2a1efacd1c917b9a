package dev.kausal.experiments.cluster

import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.KausalVersion
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.Said
import dev.kausal.experiments.TypedCommands
import dev.kausal.experiments.bind
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
import dev.kausal.experiments.opened
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** `run --cluster`, on a cluster of threads. */
class ClusterRunTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cache = folder.resolve("cache")

        // A sweep that calls the script, readings of more than one part, a choice, and a result that is not divided.
        val file = folder.resolve("probe.kausal.kts")
        file.writeText(
            """
            experiment("probe") {
                val lm = model<CausalLm>("embedded:facts")
                val facts = contrasts {
                    listOf("Eiffel Tower" to " Paris", "Colosseum" to " Rome").forEach { (place, city) ->
                        listOf("Eiffel Tower" to " Paris", "Colosseum" to " Rome").filter { it.first != place }.forEach { (other, foil) ->
                            repeat(5) { n ->
                                contrast(
                                    clean = "The [${'$'}place] is located in the city of", answer = city,
                                    corrupted = "The [${'$'}other] is located in the city of", foil = foil,
                                    label = "${'$'}place ${'$'}n",
                                )
                            }
                        }
                    }
                }
                val needed by sweep(facts, logitDifference) { each(heads) { ablate(it) } }
                val scaled by sweep(facts, logitDifference) { each(layers) { hook(lm.blocks[it].mlp.post) { x -> x * 0.5f } } }
                val attribution by directLogitAttribution(facts)
                val looks by attention(facts, layers = 0..1)
                val joint by jointAblation(facts, logitDifference, needed, sizes = 1..2, draws = 19)
                report { heatmap(needed) }
            }
            """.trimIndent(),
        )
        val setting = arrayOf("--threads", "1", "--memory", "2g")

        fun run(out: Path, vararg more: String): Said =
            TypedCommands(cache).run(listOf("run", "$file", "--out", "$out", *setting, *more))

        val whole = folder.resolve("whole")
        run(whole).code shouldBe 0

        fun same(bundle: Path) {
            listOf("spec.json", "results.json", "probe.kausal.kts").forEach {
                bundle.resolve(it).readText() shouldBe whole.resolve(it).readText()
            }
            bundle.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
                whole.listDirectoryEntries().map { it.name }
        }

        test("the bundle of one process, with attempts that are lost, and others that are made twice") {
            val out = folder.resolve("threads")
            val said = run(out, "--cluster", "local[2]", "--cluster-set", "spark.test.second=same")
            said.all shouldContain "in 2 rounds"
            said.code shouldBe 0
            same(out)
            out.resolve("environment.json").readText() shouldContain "\"parts on host-"
        }

        test("two attempts with other bytes on one kind of processor end the run, and both hosts are named") {
            val said =
                run(folder.resolve("changed"), "--cluster", "local[1]", "--cluster-set", "spark.test.second=changed")
            said.code shouldBe 3
            said.err shouldContain Regex("""host-\d \(.*\) and other \(.*\) both computed .*, and their bytes differ""")
        }

        test("what was computed before a run ended is not computed again") {
            val said = run(folder.resolve("resumed"), "--cluster", "local[1]")
            said.code shouldBe 0
            same(folder.resolve("resumed"))
            said.err shouldContain "resumed: found"
        }

        test("a machine with other weights or another version is refused by its name") {
            val session =
                Session(EngineWorkbench(), Console(StringBuilder(), StringBuilder()), cache, emptyList(), false)
            val script = session.evaluate("$file", emptyMap())
            val run = opened(script, RunOptions(), {}) { source, declaration, ref ->
                ClusterRun(
                    kausal = KausalVersion.text,
                    spec = bind(declaration, ref, source).onWeights(source.sha256()).spec,
                    ref = ref,
                    file = "${ModelSources.resolve(ref, SourceContext.ofProcess(true) {}).path()}",
                    executor = "wave",
                    memory = 1L shl 28,
                    threads = 1,
                    model = ClusterRun.HeldWeights(false, 0, dev.kausal.engine.tensor.Precision.FLOAT32),
                    counterpart = null,
                    precision = "float32",
                    script = null,
                    pictures = emptyMap(),
                    dictionaries = emptyList(),
                )
            }

            fun refusal(of: ClusterRun, part: String = "none"): String =
                shouldThrow<HostRefusedException> {
                    PartWorkers.compute(of.bytes(), emptyMap(), listOf(part), "node-7") { }
                }.message.orEmpty()

            refusal(run.copy(kausal = "0.0.9")) shouldContain
                "node-7 has Kausal ${KausalVersion.text}, but this run needs 0.0.9"
            val other = run.spec.copy(model = run.spec.model.copy(sha256 = "abc"))
            refusal(run.copy(spec = other)) shouldContain
                Regex("on node-7 differ from the run's: SHA-256 [0-9a-f]{64}, not abc")
            refusal(run.copy(file = "/nowhere", ref = "/nowhere/model")) shouldContain
                "node-7 has no weights of /nowhere/model"
            refusal(run, "sweep-99") shouldContain "node-7 found no part of this run called sweep-99"
        }

        test("without Spark, and with options that exclude each other, the command says what to do") {
            shouldThrow<NoClusterException> { ClusterExecution.provider(ClassLoader.getPlatformClassLoader()) }
                .message.orEmpty() shouldContain "--cluster needs Spark"
            for ((wrong, message) in mapOf(
                listOf("--cluster", "mesos") to "'mesos' is not a cluster such as local[4]",
                listOf("--cluster", "local[2]", "--shard", "1/2") to "leave out --shard",
                listOf("--cluster", "local[2]", "--device", "cuda:0") to "leave out --device",
                listOf("--cluster-set", "spark.a=b") to "--cluster-set needs --cluster",
                listOf("--cluster", "local[2]", "--cluster-set", "cores=2") to "'cores=2' is not a setting",
            )) {
                run(folder.resolve("wrong"), *wrong.toTypedArray()).run {
                    code shouldBe 2
                    err shouldContain message
                }
            }
        }
    })
