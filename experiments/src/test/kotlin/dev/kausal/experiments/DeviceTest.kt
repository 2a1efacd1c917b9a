package dev.kausal.experiments

import ai.djl.engine.EngineException
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.NvidiaGpu
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** `--device`, on a machine without a GPU. */
class DeviceTest :
    FunSpec({
        val folder = tempdir().toPath()
        val kausal = TypedCommands(folder.resolve("cache"))
        val said = kausal.said
        val script = "fact-recall"
        val noGpu = NvidiaGpu.list().isEmpty()

        test("an unknown device is a mistake of the command") {
            kausal("run", script, "--device", "gpu") shouldBe 2
            said.toString() shouldContain "such as cpu, cuda (the first GPU) or cuda:1; found 'gpu'"
            kausal("certify", "embedded:facts", "--device", "cuda:x") shouldBe 2
        }

        test("a missing GPU is named before anything is computed").config(enabled = noGpu) {
            listOf(
                listOf("run", script, "--out", "${folder.resolve("out")}"),
                listOf("certify", "embedded:facts"),
            ).forEach { command ->
                withClue(said) { kausal(*(command + listOf("--device", "cuda:0")).toTypedArray()) shouldBe 3 }
                said.toString() shouldContain "Expected an NVIDIA GPU for the device cuda:0"
            }
            folder.resolve("out").toFile().exists() shouldBe false
        }

        test("a plan for a GPU of a given size needs none here") {
            withClue(said) { kausal("explain", script, "--device", "cuda:0", "--memory", "16g") shouldBe 0 }
            val gpu = groups(said)
            withClue(said) { kausal("explain", script, "--memory", "16g") shouldBe 0 }
            // A GPU's groups are larger, so there are fewer.
            withClue("$gpu and ${groups(said)}") { (gpu < groups(said)) shouldBe true }
        }

        test("the processor can be named") {
            val out = folder.resolve("named")
            withClue(said) { kausal("run", "vision-debug", "--device", "cpu", "--out", "$out") shouldBe 0 }
        }

        test("a full GPU says which limit would fit") {
            val full = EngineException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has ...\nmore")
            val gpu = Device.of("cuda:0")
            val advice = shouldThrow<DeviceMemoryException> {
                DeviceMemoryException.orAdvice(gpu, 17_179_869_184) { throw full }
            }
            advice.message shouldBe
                "Expected cuda:0 to have the 17179 MB that the plan announced; found it full (CUDA out of memory. " +
                "Tried to allocate 2.00 GiB. GPU 0 has ...). Other processes may use it: see nvidia-smi. Or allow " +
                "the run less: --memory 8g."
            shouldThrow<EngineException> { DeviceMemoryException.orAdvice(Device.CPU, 1) { throw full } } shouldBe full
            val other = EngineException("shapes differ")
            shouldThrow<EngineException> { DeviceMemoryException.orAdvice(gpu, 1) { throw other } } shouldBe other
            DeviceMemoryException.orAdvice(gpu, 1) { 7 } shouldBe 7
        }
    })

private fun groups(said: CharSequence): Int =
    checkNotNull(Regex("in (\\d+) groups?").find(said)) { "no groups in $said" }.groupValues[1].toInt()
