package dev.kausal.experiments.embedded

import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.images.ImageInputs
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.EmbeddedModels
import dev.kausal.engine.tensor.Torch
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeBytes

/** The weights in the jar read the pictures in the jar as their card says. */
class EmbeddedDigitsTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun resource(name: String) =
            checkNotNull(EmbeddedDigitsTest::class.java.getResourceAsStream("/digits/$name")) { name }
                .use { it.readBytes() }

        test("digits reads the 200 pictures that it was not trained on as well as its card says") {
            val names = resource("index.txt").decodeToString().lines().filter(String::isNotEmpty)
            names.size shouldBe 200
            val card = EmbeddedModels.builtIn().all().first { it.name() == "digits" }.figures()
            ModelSource.open(EmbeddedModels.builtIn().unpack("digits", folder)).use { source ->
                val images = ImageInputs(source.config(), source.preprocessing().orElseThrow())
                val inputs =
                    names.map { name ->
                        images.read(folder.resolve(name).apply { writeBytes(resource(name)) }).input()
                    }
                source.load().use { model ->
                    Torch.manager().use { manager ->
                        val best = model.outputs(inputs, Hooks(model.points()), manager).argMax(1).toLongArray()
                        val right = names.indices.count { names[it].endsWith("-${best[it]}.png") } / 200.0
                        right shouldBe (card.getValue("shippedTop1") plusOrMinus 0.005)
                        right shouldBeGreaterThanOrEqual 0.95
                    }
                }
            }
            card.getValue("heldOutTop1") shouldBeGreaterThanOrEqual 0.97
        }
    })
