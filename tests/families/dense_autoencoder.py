"""An autoencoder of linear layers squeezes digits better than principal components do."""

from ._components import pca_error_of
from ._project import Project
from ._result import Result

SHORT = ("--epochs=15",)


def run(project: Project) -> list[Result]:
    project.train()
    pca = pca_error_of(project)
    latent = project.description["args"]["latent_dim"]
    reached = project.evaluate()["mse"]
    return [project.result("reconstruction MSE", reached, pca, short=1.5 * pca, below=True, of=f"PCA of {latent}")]
