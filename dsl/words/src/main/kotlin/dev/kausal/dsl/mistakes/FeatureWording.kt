package dev.kausal.dsl.mistakes

/** Messages of mistakes in sparse dictionaries. */
internal object FeatureWording {
    fun of(it: FeatureMistake): String =
        when (it) {
            is FeatureMistake.OfGraph -> {
                ofGraph(it)
            }

            is FeatureMistake.Unusable -> {
                "the dictionary ${Wording.quote(it.ref)} cannot be used: ${it.detail.trimEnd('.')}"
            }

            is FeatureMistake.NoSite -> {
                val ref = Wording.quote(it.ref)
                "the files of $ref (${it.layout}) do not tell which hook point it reads; give site, as in " +
                    "features($ref, site = lm.blocks[5].residPost)"
            }

            is FeatureMistake.OtherSize -> {
                val few = it.units == 0
                val found = if (few) "is attention between positions" else "has ${it.units} numbers per position"
                "the dictionary ${Wording.quote(it.ref)} reads ${it.inputs} numbers per position, but ${it.hook} " +
                    "$found; use a dictionary of this model, or give the hook point that it was trained on as site"
            }

            is FeatureMistake.OtherOutput -> {
                "the transcoder ${Wording.quote(
                    it.ref,
                )} writes ${it.outputs} numbers per position, but ${it.hook} has " +
                    "${it.units}; use a transcoder of this model"
            }

            is FeatureMistake.NoSuchFeature -> {
                "the dictionary ${Wording.quote(it.ref)} has features 0 to ${it.features - 1}, not ${it.feature}"
            }

            is FeatureMistake.TranscoderEdit -> {
                "features of ${Wording.quote(it.ref)} cannot be edited: it reads ${it.site} and reconstructs " +
                    "${it.writes}, but edits need a transcoder from before a layer's MLP to its hook_mlp_out; ablate " +
                    "${it.writes} instead"
            }
        }

    private fun ofGraph(it: FeatureMistake.OfGraph): String =
        when (it) {
            is FeatureMistake.NoGraph -> {
                "this ${it.family} model has no attribution graph: ${it.why}; use a model that predicts the next " +
                    "token, such as a Llama or a GPT-2"
            }

            is FeatureMistake.NoTranscoders -> {
                "no transcoders in ${Wording.quote(it.ref)}: expected layer_0.safetensors and so on beside " +
                    "config.yaml, or a folder for each transcoder; found ${it.found}"
            }

            is FeatureMistake.NotATranscoder -> {
                "the dictionary ${Wording.quote(it.ref)} is an autoencoder of ${it.site}, but an attribution graph " +
                    "needs transcoders, which reconstruct an MLP's output from its input"
            }

            is FeatureMistake.OtherPlaces -> {
                "the transcoder ${Wording.quote(it.ref)} reads ${it.site} and reconstructs ${it.writes}; an " +
                    "attribution graph needs transcoders that reconstruct hook_mlp_out of the layer that they read"
            }

            is FeatureMistake.TwoOfLayer -> {
                "${Wording.quote(it.first)} and ${Wording.quote(it.second)} are both transcoders of layer " +
                    "${it.layer}; name one"
            }

            is FeatureMistake.MissingLayers -> {
                "${Wording.quote(it.ref)} has no transcoder of layer ${it.missing.joinToString()}; an attribution " +
                    "graph needs one for each of the model's ${it.layers} layers"
            }

            is FeatureMistake.Rescales -> {
                "the transcoder ${Wording.quote(it.ref)} rescales what it reads, so that its features are not linear " +
                    "in the stream; use one without normalised activations"
            }
        }
}
