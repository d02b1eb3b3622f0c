"""An autoencoder of convolutions removes noise, and squeezes digits without noise better than principal components."""

from ._components import pca_error_of
from ._project import Project
from ._result import Result

SHORT = None  # dense_autoencoder is faster


def run(project: Project) -> list[Result]:
    project.train()
    noise = project.description["training"]["noise"]
    third = noise**2 / 3
    reached = project.evaluate()["mse"]
    denoised = project.result("MSE of denoised", reached, third, short=third, below=True, of="a third of the noise's")
    plain = project.variant({f", noise: {noise}": ""})
    plain.train()
    pca = pca_error_of(plain)
    latent = plain.description["args"]["latent_dim"]
    reached = plain.evaluate()["mse"]
    return [
        denoised,
        plain.result("reconstruction MSE", reached, pca, short=pca, below=True, of=f"PCA of {latent}"),
    ]
